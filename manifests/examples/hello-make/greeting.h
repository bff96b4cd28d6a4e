/* How to greet. */
#ifndef GREETING_H
#define GREETING_H

/* Greets on standard output; 0 when that was possible. */
int greet(const char* whom);

#endif
