# Writes the files of a case below the folder in `dir`: "=== path" starts each.
/^=== / {
    if (file != "")
        close(file)
    file = dir "/" substr($0, 5)
    folder = file
    sub(/\/[^\/]*$/, "", folder)
    if (!(folder in made)) {
        system("mkdir -p '" folder "'")
        made[folder] = 1
    }
    printf "" > file
    next
}
{ print > file }
