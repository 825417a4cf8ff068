/* Words of Flink SQL that completion offers. */
#ifndef REPL_WORDS_H
#define REPL_WORDS_H

/* NULL-terminated, static. */
const char *const *words_sql(void);

#endif
