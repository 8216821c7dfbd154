#include <errno.h>
#include <limits.h>
#include <string.h>
#include "net.h"

static int check(struct addr *a)
{
    if (a->len > INT_MAX)
        return -1;
    return memcmp(a->host, local, 4);
}
