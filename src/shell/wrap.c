#include "config.h"

#include "shell/wrap.h"

#include <string.h>

#include "base/str.h"

void wrap_words(struct buf *out, const char *text, size_t column, size_t indent,
                size_t width)
{
    buf_pad(out, ' ', column < indent ? indent - column : 0);
    column = column < indent ? indent : column;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        size_t used = str_width(text, len);
        if (column > indent && column + 1 + used > width) {
            buf_addc(out, '\n');
            buf_pad(out, ' ', indent);
            column = indent;
        } else if (column > indent) {
            buf_addc(out, ' ');
            column++;
        }
        buf_add(out, text, len);
        column += used;
        text += len + (text[len] == ' ');
    }
    buf_addc(out, '\n');
}
