// SPDX-License-Identifier: GPL-2.0-only
/* Files that the command line names: mapped, or refused with what was perhaps meant. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvctl.h"
#include "nearest.h"

/*
 * There is no such file: which one of its directory was meant, or where there is no such directory.
 */
static void hint_at_files(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	int length = slash ? (int)(base - path) : 0;
	char directory[512] = ".", prefix[512];
	const struct dirent *entry;
	struct nearest near;
	DIR *dir;

	snprintf(prefix, sizeof(prefix), "%.*s", length, path);
	if (slash)
		snprintf(directory, sizeof(directory), "%s", prefix);
	dir = opendir(directory);
	if (!dir) {
		complain("hint: there is no directory %s", directory);
		return;
	}
	nearest_begin(&near, base);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, base))
			nearest_offer(&near, entry->d_name);
	closedir(dir);
	if (!nearest_hint(&near, prefix))
		complain("hint: `ls %s' shows what there is", directory);
}

enum exit_code file_map(const char *path, struct file *file)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*file = (struct file){ .path = path };
	if (fd < 0 || fstat(fd, &st) < 0) {
		int error = errno;

		complain("%s: %s", path, strerror(error));
		if (error == ENOENT)
			hint_at_files(path);
		if (fd >= 0)
			close(fd);
		return HVCTL_USAGE;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		complain("%s: %s", path, S_ISREG(st.st_mode) ? "is empty" : "is no regular file");
		close(fd);
		return HVCTL_USAGE;
	}
	file->size = (size_t)st.st_size;
	file->data = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file->data == MAP_FAILED) {
		complain("%s: %s", path, strerror(errno));
		file->data = NULL;
		return HVCTL_USAGE;
	}
	return HVCTL_OK;
}

void file_unmap(struct file *file)
{
	if (file->data)
		munmap((void *)(uintptr_t)file->data, file->size);
	file->data = NULL;
}
