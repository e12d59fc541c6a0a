/*
 * replay FOLDER...: feed every file below to the target that it is linked with, in place of libFuzzer. Ends with 1
 * when one takes longer than it may; what is wrong otherwise ends the process at once.
 */
#include "tests/fuzz/fuzz.h"

#include "base/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    FILE_BYTES_MAX = 1024 * 1024,
    PATH_BYTES = 4096,
    INPUT_US_MAX = 30000, /* 10 ms, and what sanitizers and a busy machine make of them */
    TRIES = 3
};

struct tally {
    size_t n_inputs;
    size_t n_slow;
    long slowest_us;
};

static void closep(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void read_file(const char *path, struct buffer *bytes)
{
    CLEANUP(closep) FILE *file = fopen(path, "re");
    char part[4096];
    size_t n;

    MUST(file);
    while ((n = fread(part, 1, sizeof(part), file)) > 0)
        buffer_append(bytes, part, n);
    MUST(!ferror(file) && buffer_ok(bytes, NULL));
}

static long processor_us(void)
{
    struct timespec now;

    MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The least of some tries, since a cold cache and other work count too. */
static long feed(const struct buffer *bytes)
{
    long least_us = 0;

    for (int i = 0; i < TRIES; i++) {
        long began_us = processor_us();
        long took_us;

        (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes->data, bytes->size_bytes);
        took_us = processor_us() - began_us;
        if (i == 0 || took_us < least_us)
            least_us = took_us;
        if (least_us <= INPUT_US_MAX)
            break;
    }
    return least_us;
}

static void replay_file(const char *path, struct tally *tally)
{
    CLEANUP(buffer_clear) struct buffer bytes = {0};
    long took_us;

    buffer_init(&bytes, FILE_BYTES_MAX);
    read_file(path, &bytes);
    fprintf(stderr, "%s\n", path); /* what the process ends in is the last one named */
    took_us = feed(&bytes);
    tally->n_inputs++;
    if (took_us > tally->slowest_us)
        tally->slowest_us = took_us;
    if (took_us > INPUT_US_MAX) {
        printf("%s took %ld us of processor time, more than %d\n", path, took_us, INPUT_US_MAX);
        tally->n_slow++;
    }
}

static void closedirp(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

static void replay_folder(const char *path, struct tally *tally)
{
    CLEANUP(closedirp) DIR *folder = opendir(path);
    const struct dirent *entry;
    char file[PATH_BYTES];
    struct stat status;

    MUST(folder);
    while ((entry = readdir(folder))) {
        MUST(snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) < (int)sizeof(file));
        if (stat(file, &status) == 0 && S_ISREG(status.st_mode))
            replay_file(file, tally);
    }
}

int main(int argc, char *argv[])
{
    struct tally tally = {0};
    struct buffer nothing = {0};

    (void)feed(&nothing); /* a first call also pays for what is made once */
    for (int i = 1; i < argc; i++)
        replay_folder(argv[i], &tally);
    printf("%zu inputs, the slowest took %ld us of processor time, %zu were too slow\n",
           tally.n_inputs, tally.slowest_us, tally.n_slow);
    return tally.n_inputs == 0 || tally.n_slow > 0 ? 1 : 0;
}
