#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include "net.h"

static int check(struct addr *a)
{
    return memcmp(a->host, local, 4);
}
