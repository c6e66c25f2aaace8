// Bytes nobody may look at: what is behind a frame in its buffer. Only AddressSanitizer sees it.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define POISON_ON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_ON 1
#endif
#endif

#ifdef POISON_ON
#include <sanitizer/asan_interface.h>
enum { POISON_SLOWER = 20 }; // times a program of that build may take
#define poison(p, len) ASAN_POISON_MEMORY_REGION(p, len)
#define unpoison(p, len) ASAN_UNPOISON_MEMORY_REGION(p, len)
#else
enum { POISON_SLOWER = 1 };
#define poison(p, len) ((void)(p), (void)(len))
#define unpoison(p, len) ((void)(p), (void)(len))
#endif
