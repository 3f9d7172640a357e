package io.glucogrid.http;

import org.jspecify.annotations.Nullable;

/** Answers calls of one method of one path. */
interface CallHandler {
    /** The answer; may wait, so it runs on a worker thread. */
    Reply answer(Call call);

    /** The answer where it needs no waiting, on the I/O thread; null to be asked again on a worker thread. */
    default @Nullable Reply answerAtOnce(Call call) {
        return null;
    }

    /** Whether the answer tells how the node is: it then has threads of its own, and is never refused for an overload. */
    default boolean isAboutTheNode() {
        return false;
    }
}
