CREATE VIEW a AS
SELECT id, secret
FROM users;
