/*
 * What the terminal can do, asked of terminfo. Nothing here writes unless told to, and
 * on a dumb terminal or a pipe every capability is absent.
 */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum term_color_mode { TERM_COLOR_AUTO, TERM_COLOR_ALWAYS, TERM_COLOR_NEVER };

struct terminal {
    bool tty;    /* the stream is a terminal */
    bool color;  /* colours may be used */
    bool redraw; /* the cursor can be moved up and lines cleared */
    int width;   /* 80 when unknown */
    int height;  /* 24 when unknown */
    /* terminfo strings, "" where the terminal has none; borrowed from terminfo */
    const char *seq_up;
    const char *seq_clear_line;
    const char *seq_clear_down;
    const char *seq_clear_screen;
    const char *seq_hide_cursor;
    const char *seq_show_cursor;
};

enum term_style {
    TERM_PLAIN,
    TERM_BOLD,
    TERM_DIM,
    TERM_RED,
    TERM_GREEN,
    TERM_YELLOW,
    TERM_BLUE,
    TERM_CYAN
};

/* Looks at `stream`, TERM, NO_COLOR and COLUMNS/LINES. */
void term_init(struct terminal *term, FILE *stream, enum term_color_mode mode);
/* Reads the size again (after SIGWINCH). */
void term_resize(struct terminal *term, FILE *stream);
/* The sequence that switches to a style, "" without colour; static. */
const char *term_style(const struct terminal *term, enum term_style style);

/*
 * Replaces what could drive a terminal (C0 and C1 controls, ESC, DEL) by visible text;
 * tab and newline stay when `keep_newlines`. Writes at most `size` - 1 bytes, returns
 * the length. Everything from a server, a file name or a row goes through here.
 */
size_t term_sanitize(const char *text, size_t len, bool keep_newlines, char *out,
                     size_t size);

#endif
