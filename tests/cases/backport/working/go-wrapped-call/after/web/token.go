package web

func (s *Server) token(user string) (string, error) {
	claims := newClaims(user, s.issuer, s.now(), s.lifetime)
	return sign(claims, s.key)
}
