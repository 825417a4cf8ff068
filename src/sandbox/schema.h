/* The tables that hold the sandbox's state. */
#ifndef SANDBOX_SCHEMA_H
#define SANDBOX_SCHEMA_H

extern const char schema_sql[];

#endif
