package io.glucogrid.expression;

import org.jspecify.annotations.Nullable;

/** A compiled part of an expression: pure, total, and null where it has no answer. */
interface Step {
    @Nullable
    Object of(@Nullable Object[] inputs);
}
