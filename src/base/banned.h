/* Functions that this code base does not use; the reason is the replacement. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok strncpy strncat

#endif
