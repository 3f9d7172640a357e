package io.glucogrid.expression;

/** Why an expression cannot be compiled, and where. */
final class ExpressionProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int column;

    ExpressionProblem(int column, String reason) {
        super(reason, null, false, false);
        this.column = column;
    }

    /** From 1. */
    int column() {
        return column;
    }
}
