package app;

import java.util.Random;
import java.security.SecureRandom;

class Sum {
    int token() {
        return new SecureRandom().nextInt();
    }

    int dice() {
        return new Random().nextInt(6);
    }
}
