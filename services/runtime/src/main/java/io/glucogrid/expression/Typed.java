package io.glucogrid.expression;

/** A step and the kind of its result. */
record Typed(Kind kind, Step step) {
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
