/*
 * main() of a fuzz target that is no fuzzer: gives each file of a corpus to the
 * target, so that `make check` runs what fuzzing once found.  As
 * .../replay/ROOM/WHAT it reads tests/fuzz/corpus/ROOM/WHAT, else the folders
 * on its command line.  Fails when there is no file at all.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The largest input that is read; fuzzers stay far below. */
#define INPUT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *room = malloc(INPUT_MAX), *exact = NULL;
	size_t size = 0;
	int status = -1;

	if (f == NULL || room == NULL) {
		perror(path);
		goto out;
	}
	size = fread(room, 1, INPUT_MAX, f);
	/* Of exactly its size, so that a read behind the end is seen. */
	exact = malloc(size > 0 ? size : 1);
	if (ferror(f) || exact == NULL) {
		perror(path);
		goto out;
	}
	memcpy(exact, room, size);
	fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput(exact, size);
	status = 0;
out:
	free(exact);
	free(room);
	if (f != NULL)
		fclose(f);
	return status;
}

/* The number of files replayed, or -1. */
static int
replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	struct stat st;
	char path[4096];
	int n = 0;

	if (dir == NULL) {
		perror(folder);
		return -1;
	}
	while (n >= 0 && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		n = replay_file(path) == 0 ? n + 1 : -1;
	}
	closedir(dir);
	return n;
}

int
main(int argc, char **argv)
{
	const char *what = strstr(argv[0], "replay/");
	char corpus[4096];
	int n, total = 0;

	if (argc < 2 && what != NULL) {
		snprintf(corpus, sizeof(corpus), "tests/fuzz/corpus/%s",
		    what + strlen("replay/"));
		total = replay_folder(corpus);
	}
	for (int i = 1; i < argc && total >= 0; i++) {
		n = replay_folder(argv[i]);
		total = n < 0 ? -1 : total + n;
	}
	printf("%d inputs\n", total);
	return total > 0 ? 0 : 1;
}
