/*
 * Each native method of io.slotkeeper.internal.Native, passed on to the library REAL, unless the system property
 * slotkeeper.test.panics.<method> is true: then it ends as a panic of ours does in the JVM.
 *
 * METHODS is a METHOD(name) for each. What a method takes and gives fits into six registers and one, whatever its types.
 */
#include <dlfcn.h>
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>

typedef jlong (*method)(JNIEnv *, jclass, jlong, jlong, jlong, jlong);

static void *library;

__attribute__((constructor)) static void open_library(void) {
    library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
}

static int is_to_panic(JNIEnv *env, const char *name) {
    char property[128];
    snprintf(property, sizeof property, "slotkeeper.test.panics.%s", name);
    jstring text = (*env)->NewStringUTF(env, property);
    jclass type = text == NULL ? NULL : (*env)->FindClass(env, "java/lang/Boolean");
    jmethodID get = type == NULL ? NULL : (*env)->GetStaticMethodID(env, type, "getBoolean", "(Ljava/lang/String;)Z");
    jboolean is_set = get != NULL && (*env)->CallStaticBooleanMethod(env, type, get, text);
    return is_set && !(*env)->ExceptionCheck(env);
}

static jlong end_in_panic(JNIEnv *env, const char *name) {
    char words[128];
    snprintf(words, sizeof words, "a fault of slotkeeper, please report it: in %s", name);
    jstring text = (*env)->NewStringUTF(env, words);
    jclass type = text == NULL ? NULL : (*env)->FindClass(env, "io/slotkeeper/SlotkeeperException");
    jmethodID make = type == NULL ? NULL : (*env)->GetMethodID(env, type, "<init>", "(ILjava/lang/String;)V");
    jthrowable exception = make == NULL ? NULL : (*env)->NewObject(env, type, make, (jint) 90, text);
    if (exception != NULL) {
        (*env)->Throw(env, exception);
    }
    return 0;
}

#define METHOD(name) \
    JNIEXPORT jlong JNICALL Java_io_slotkeeper_internal_Native_##name(JNIEnv *env, jclass type, jlong a, jlong b, jlong c, jlong d) { \
        if (is_to_panic(env, #name)) { \
            return end_in_panic(env, #name); \
        } \
        return ((method) dlsym(library, __func__))(env, type, a, b, c, d); \
    }

METHODS
