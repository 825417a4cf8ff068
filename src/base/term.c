#include "config.h"

#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Last: they define macros of common words such as "columns". */
#include <curses.h>
#include <term.h>

static const char *capability(const char *name)
{
    const char *value = tigetstr(name);

    return value == NULL || value == (const char *)-1 ? "" : value;
}

static int env_number(const char *name)
{
    const char *value = getenv(name);

    return value != NULL ? atoi(value) : 0;
}

void term_resize(struct terminal *term, FILE *stream)
{
    struct winsize size = {0};
    int fd = fileno(stream);

    term->width = env_number("COLUMNS");
    term->height = env_number("LINES");
    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        term->width = size.ws_col;
        term->height = size.ws_row;
    }
    if (term->width <= 0) {
        term->width = 80;
    }
    if (term->height <= 0) {
        term->height = 24;
    }
}

void term_init(struct terminal *term, FILE *stream, enum term_color_mode mode)
{
    const char *name = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    int fd = fileno(stream);
    int status = 0;
    bool known = false;

    *term = (struct terminal){.seq_up = "",
                              .seq_clear_line = "",
                              .seq_clear_down = "",
                              .seq_clear_screen = "",
                              .seq_hide_cursor = "",
                              .seq_show_cursor = ""};
    term->tty = fd >= 0 && isatty(fd);
    term_resize(term, stream);
    if (term->tty && name != NULL && name[0] != '\0') {
        known = setupterm(name, fd, &status) == OK && status == 1;
    }
    if (known) {
        term->seq_up = capability("cuu1");
        term->seq_clear_line = capability("el");
        term->seq_clear_down = capability("ed");
        term->seq_clear_screen = capability("clear");
        term->seq_hide_cursor = capability("civis");
        term->seq_show_cursor = capability("cnorm");
    }
    term->redraw = term->seq_up[0] != '\0' && term->seq_clear_line[0] != '\0' &&
                   mode != TERM_COLOR_NEVER;
    term->color = mode == TERM_COLOR_ALWAYS ||
                  (mode == TERM_COLOR_AUTO && known && tigetnum("colors") >= 8 &&
                   (no_color == NULL || no_color[0] == '\0'));
}

const char *term_style(const struct terminal *term, enum term_style style)
{
    static const char *const sequences[] = {
        [TERM_PLAIN] = "\033[0m", [TERM_BOLD] = "\033[1m",   [TERM_DIM] = "\033[2m",
        [TERM_RED] = "\033[31m",  [TERM_GREEN] = "\033[32m", [TERM_YELLOW] = "\033[33m",
        [TERM_BLUE] = "\033[34m", [TERM_CYAN] = "\033[36m",
    };

    return term->color ? sequences[style] : "";
}

size_t term_sanitize(const char *text, size_t len, bool keep_newlines, char *out,
                     size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < len && n + 5 < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] >= 0x80 &&
                  (unsigned char)text[i + 1] < 0xa0;
        if (keep_newlines && (c == '\n' || c == '\t')) {
            out[n++] = (char)c;
        } else if (c < 0x20 || c == 0x7f || c1) {
            unsigned char shown = c1 ? (unsigned char)text[++i] : c;
            n += (size_t)snprintf(out + n, size - n, "\\x%02x", shown);
        } else {
            out[n++] = (char)c;
        }
    }
    if (size > 0) {
        out[n] = '\0';
    }
    return n;
}
