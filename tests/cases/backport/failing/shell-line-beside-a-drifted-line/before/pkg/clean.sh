#!/bin/sh
set -e
rm -rf $1
echo done
