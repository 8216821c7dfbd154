#include <stdio.h>
#include "read.h"

int read_name(char *out, const char *in)
{
    int n = 0;
    while (in[n] != 0) {
        out[n] = in[n];
        n++;
    }
    return n;
}
