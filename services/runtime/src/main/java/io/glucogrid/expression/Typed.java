package io.glucogrid.expression;

import org.jspecify.annotations.Nullable;

/**
 * A step and the kind of its result.
 *
 * @param constant the value of a literal; null for everything else
 */
record Typed(Kind kind, Step step, @Nullable Object constant) {
    Typed(Kind kind, Step step) {
        this(kind, step, null);
    }

    /** This step with its result as a {@code Double}. */
    Typed asReal() {
        if (kind == Kind.REAL || kind == Kind.NOTHING) {
            return this;
        }
        Step whole = step;
        return new Typed(
                Kind.REAL, inputs -> whole.of(inputs) instanceof Long number ? (Object) number.doubleValue() : null);
    }
}
