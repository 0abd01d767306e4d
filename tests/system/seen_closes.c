/*
 * Tells ThreadSanitizer of each file that is closed by syscall(), as libuv
 * closes its own: preloaded into the programs by `make check-threads`.  Without
 * it the number of such a file, when another thread is given it next, looks
 * like one file that two threads use.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the sanitizer, as its linux_syscall_hooks.h has it; not in a shell. */
void __sanitizer_syscall_pre_impl_close(long fd) __attribute__((weak));

static long (*next)(long, ...);

/* Before a program has threads, which would each look. */
__attribute__((constructor)) static void
find_next(void)
{
	*(void **)&next = dlsym(RTLD_NEXT, "syscall");
}

long
syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (next == NULL)
		find_next();
	if (number == SYS_close && __sanitizer_syscall_pre_impl_close != NULL)
		__sanitizer_syscall_pre_impl_close((int)a[0]);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
