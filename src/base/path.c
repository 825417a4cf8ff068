#include "config.h"

#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xmalloc.h"

#define READ_MAX_DEFAULT ((size_t)64 * 1024 * 1024)

char *path_join(struct arena *arena, const char *dir, const char *name)
{
    if (dir[0] == '\0' || name[0] == '/') {
        return arena_strdup(arena, name);
    }
    return arena_printf(arena, str_ends(dir, "/") ? "%s%s" : "%s/%s", dir, name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

char *path_dir(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return arena_strdup(arena, ".");
    }
    return arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_ext(const char *path)
{
    const char *base = path_base(path);
    const char *dot = strrchr(base, '.');

    return dot != NULL && dot != base ? dot : "";
}

bool path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool path_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *path_expand_home(struct arena *arena, const char *path)
{
    const char *home = getenv("HOME");

    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home != NULL) {
        return arena_printf(arena, "%s%s", home, path + 1);
    }
    return arena_strdup(arena, path);
}

static int read_all(int fd, const char *path, size_t max, struct buf *out,
                    struct err *err)
{
    char chunk[65536];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_set_errno(err, ERR_IO, "cannot read %s", path);
        }
        if (n == 0) {
            return 0;
        }
        if (out->len + (size_t)n > max) {
            return err_set(err, ERR_LIMIT, "%s is larger than %zu bytes", path, max);
        }
        buf_add(out, chunk, (size_t)n);
    }
}

int path_read(const char *path, size_t max, struct buf *out, struct err *err)
{
    struct stat st;

    buf_reset(out);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return err_set_errno(err, ERR_IO, "cannot open %s", path);
    }
    int rc = -1;
    if (fstat(fd, &st) != 0) {
        err_set_errno(err, ERR_IO, "cannot read %s", path);
    } else if (!S_ISREG(st.st_mode)) {
        err_set(err, ERR_IO, "cannot read %s: not a regular file", path);
    } else {
        rc = read_all(fd, path, max != 0 ? max : READ_MAX_DEFAULT, out, err);
    }
    close(fd);
    return rc;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int write_file(const char *path, const char *data, size_t len, unsigned mode,
                      bool sync, struct err *err)
{
    char *tmp = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(tmp, O_CLOEXEC);
    int rc = 0;

    if (fd < 0) {
        rc = err_set_errno(err, ERR_IO, "cannot write %s", path);
        free(tmp);
        return rc;
    }
    bool ok = fchmod(fd, mode) == 0 && write_all(fd, data, len) == 0 &&
              (!sync || fsync(fd) == 0);
    if (close(fd) != 0) {
        ok = false;
    }
    if (!ok || rename(tmp, path) != 0) {
        rc = err_set_errno(err, ERR_IO, "cannot write %s", path);
        unlink(tmp);
    }
    free(tmp);
    return rc;
}

int path_write(const char *path, const char *data, size_t len, unsigned mode,
               struct err *err)
{
    return write_file(path, data, len, mode, true, err);
}

int path_write_soon(const char *path, const char *data, size_t len, unsigned mode,
                    struct err *err)
{
    return write_file(path, data, len, mode, false, err);
}

int path_mkdirs(const char *path, struct err *err)
{
    char *copy = xstrdup(path);
    int rc = 0;

    for (char *p = copy + 1;; p++) {
        if (*p != '/' && *p != '\0') {
            continue;
        }
        char c = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && !path_is_dir(copy)) {
            rc = err_set_errno(err, ERR_IO, "cannot create directory %s", copy);
            break;
        }
        *p = c;
        if (c == '\0') {
            break;
        }
    }
    free(copy);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int path_list(const char *dir, struct arena *arena, struct path_list *out,
              struct err *err)
{
    DIR *handle = opendir(dir);
    size_t cap = 0;

    *out = (struct path_list){0};
    if (handle == NULL) {
        return err_set_errno(err, ERR_IO, "cannot open directory %s", dir);
    }
    for (struct dirent *entry; (entry = readdir(handle)) != NULL;) {
        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, "..")) {
            continue;
        }
        if (out->count == cap) {
            size_t grown = cap != 0 ? cap * 2 : 32;
            out->names = arena_realloc(arena, out->names, cap * sizeof(char *),
                                       grown * sizeof(char *));
            cap = grown;
        }
        out->names[out->count++] = arena_strdup(arena, entry->d_name);
    }
    closedir(handle);
    if (out->count > 1) {
        qsort(out->names, out->count, sizeof(char *), by_name);
    }
    return 0;
}
