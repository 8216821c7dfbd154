package app;

import java.security.SecureRandom;

class Sum {
    int token() {
        return new SecureRandom().nextInt();
    }
}
