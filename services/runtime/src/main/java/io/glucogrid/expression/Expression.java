package io.glucogrid.expression;

import io.glucogrid.expression.grammar.FeatureExpressionLexer;
import io.glucogrid.expression.grammar.FeatureExpressionParser;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.util.List;
import java.util.Map;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.jspecify.annotations.Nullable;

/**
 * A compiled expression of an on-demand feature.
 *
 * <p>The language is small on purpose: an expression is a pure, total function of the named inputs, so that the same text
 * gives the same value online, in a historical join and in training. There are whole numbers and reals, texts, conditions and
 * times; arithmetic, comparison, {@code and/or/not}, {@code if(c, a, b)} or {@code c ? a : b}, {@code coalesce}, a few
 * mathematical functions and the parts of a UTC time. There are no loops, no state, no clock and no access to anything else.
 *
 * <p>Three rules make it total. Null in gives null out, but for {@code if}, {@code coalesce} and {@code is_null}. What has no
 * number as its answer (division by zero, overflow, the square root of a negative number) is null and never an exception or a
 * wrapped value. Kinds are checked when the definition is applied, against the declared types of the inputs and of the
 * feature: a whole-number feature never turns into {@code 2.0} because a neighbour is null.
 *
 * <p>A text is compiled once, to closures over an array of inputs; evaluation allocates no more than its boxed results. Length,
 * nesting and token count are bounded, so a definition cannot exhaust a stack. Safe for use by many threads.
 */
public final class Expression {
    private static final int MAX_CHARS = 2_000;
    private static final int MAX_TOKENS = 400;
    private static final int MAX_OPEN = 50;

    private final String text;
    private final List<String> inputs;
    private final Step step;
    private final ValueType result;

    private Expression(String text, List<String> inputs, Step step, ValueType result) {
        this.text = text;
        this.inputs = inputs;
        this.step = step;
        this.result = result;
    }

    /**
     * Parses, checks and compiles a text.
     *
     * @param fields types of the inputs that the text may name
     * @param result declared type of the feature
     * @throws GridException INVALID_CONFIG with the column and the reason
     */
    public static Expression compile(String text, Map<String, ValueType> fields, ValueType result) {
        try {
            FeatureExpressionParser parser = parser(text);
            FeatureExpressionParser.FormulaContext formula = parser.formula();
            ExpressionCompiler compiler = new ExpressionCompiler(fields);
            Typed compiled = compiler.visit(formula);
            Kind wanted = Kind.of(result);
            if (!compiled.kind().fits(wanted)) {
                throw new ExpressionProblem(1, "the result is " + compiled.kind() + ", but " + result + " is declared");
            }
            Step step = (wanted == Kind.REAL ? compiled.asReal() : compiled).step();
            return new Expression(text, compiler.inputs(), step, result);
        } catch (ExpressionProblem problem) {
            throw new GridException(
                    ErrorCode.INVALID_CONFIG, "column " + problem.column() + ": " + problem.getMessage(), problem);
        }
    }

    /** The text as it was written. */
    public String text() {
        return text;
    }

    /** Names of the inputs, in the order in which {@link #evaluate} takes them. */
    public List<String> inputs() {
        return inputs;
    }

    /** The value as the declared type's Java class, or null. */
    public @Nullable Object evaluate(@Nullable Object[] values) {
        Object value = step.of(values);
        if (value == null) {
            return null;
        }
        return switch (result) {
            case INT32 -> {
                long number = (Long) value;
                yield number == (int) number ? (Object) (int) number : null;
            }
            case FLOAT -> {
                float number = ((Double) value).floatValue();
                yield Float.isFinite(number) ? (Object) number : null;
            }
            default -> value;
        };
    }

    private static FeatureExpressionParser parser(String text) {
        if (text.length() > MAX_CHARS) {
            throw new ExpressionProblem(1, "longer than " + MAX_CHARS + " characters");
        }
        int open = 0;
        for (int i = 0; i < text.length(); i++) {
            open += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
            if (open > MAX_OPEN) {
                throw new ExpressionProblem(i + 1, "more than " + MAX_OPEN + " open parentheses");
            }
        }
        FeatureExpressionLexer lexer = new FeatureExpressionLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        lexer.addErrorListener(new Failing());
        CommonTokenStream tokens = new CommonTokenStream(lexer);
        tokens.fill();
        if (tokens.size() > MAX_TOKENS) {
            throw new ExpressionProblem(1, "more than " + MAX_TOKENS + " tokens");
        }
        FeatureExpressionParser parser = new FeatureExpressionParser(tokens);
        parser.removeErrorListeners();
        parser.addErrorListener(new Failing());
        return parser;
    }

    private static final class Failing extends BaseErrorListener {
        @Override
        public void syntaxError(
                Recognizer<?, ?> recognizer,
                @Nullable Object symbol,
                int line,
                int position,
                String message,
                @Nullable RecognitionException cause) {
            throw new ExpressionProblem(position + 1, message);
        }
    }
}
