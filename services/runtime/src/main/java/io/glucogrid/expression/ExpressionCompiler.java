package io.glucogrid.expression;

import io.glucogrid.expression.grammar.FeatureExpressionBaseVisitor;
import io.glucogrid.expression.grammar.FeatureExpressionParser;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.DidYouMean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;

/** Turns a parse tree into closures, checking kinds on the way up. */
final class ExpressionCompiler extends FeatureExpressionBaseVisitor<Typed> {
    private static final int MAX_DEPTH = 64;

    private final Map<String, ValueType> fields;
    private final Map<String, Integer> used = new LinkedHashMap<>();
    private int depth;

    ExpressionCompiler(Map<String, ValueType> fields) {
        this.fields = fields;
    }

    /** Fields that the expression names, in the order of its inputs. */
    List<String> inputs() {
        return List.copyOf(used.keySet());
    }

    @Override
    public Typed visit(ParseTree tree) {
        if (++depth > MAX_DEPTH) {
            throw new ExpressionProblem(1, "nested deeper than " + MAX_DEPTH);
        }
        Typed result = super.visit(tree);
        depth--;
        return result;
    }

    @Override
    public Typed visitFormula(FeatureExpressionParser.FormulaContext formula) {
        return visit(formula.expression());
    }

    @Override
    public Typed visitGroup(FeatureExpressionParser.GroupContext group) {
        return visit(group.expression());
    }

    @Override
    public Typed visitLiteralValue(FeatureExpressionParser.LiteralValueContext value) {
        Token token = value.literal().getStart();
        String text = token.getText();
        return switch (token.getType()) {
            case FeatureExpressionParser.INTEGER -> constant(Kind.INTEGER, whole(token));
            case FeatureExpressionParser.REAL -> {
                Object number = Functions.finite(Double.parseDouble(text));
                if (number == null) {
                    throw new ExpressionProblem(column(token), text + " is too large");
                }
                yield constant(Kind.REAL, number);
            }
            case FeatureExpressionParser.TEXT ->
                constant(Kind.TEXT, text.substring(1, text.length() - 1).replace("''", "'"));
            default ->
                text.equals("null")
                        ? constant(Kind.NOTHING, null)
                        : constant(Kind.FLAG, text.equals("true") ? Boolean.TRUE : Boolean.FALSE);
        };
    }

    @Override
    public Typed visitField(FeatureExpressionParser.FieldContext field) {
        String name = field.NAME().getText();
        ValueType type = fields.get(name);
        if (type == null) {
            throw new ExpressionProblem(
                    column(field.getStart()),
                    "no input is named '" + name + "'" + DidYouMean.suffix(name, fields.keySet()));
        }
        int index = used.computeIfAbsent(name, first -> used.size());
        return new Typed(Kind.of(type), inputs -> widened(inputs[index]));
    }

    @Override
    public Typed visitCall(FeatureExpressionParser.CallContext call) {
        String name = call.NAME().getText();
        Functions.Function function = Functions.named(name);
        if (function == null) {
            TreeSet<String> names = new TreeSet<>();
            Functions.names().forEach(names::add);
            throw new ExpressionProblem(
                    column(call.getStart()), "no function is named '" + name + "'" + DidYouMean.suffix(name, names));
        }
        List<Typed> arguments = new ArrayList<>();
        for (ParserRuleContext argument : call.expression()) {
            arguments.add(visit(argument));
        }
        return called(call, name, function, arguments);
    }

    @Override
    public Typed visitConditional(FeatureExpressionParser.ConditionalContext conditional) {
        return called(
                conditional,
                "?:",
                Functions::conditional,
                List.of(visit(conditional.condition), visit(conditional.then), visit(conditional.otherwise)));
    }

    @Override
    public Typed visitUnary(FeatureExpressionParser.UnaryContext unary) {
        Typed value = visit(unary.expression());
        Step step = value.step();
        if (!unary.operator.getText().equals("-")) {
            require(unary.operator, value.kind().fits(Kind.FLAG), "a condition");
            return new Typed(Kind.FLAG, inputs -> step.of(inputs) instanceof Boolean flag ? (Object) !flag : null);
        }
        require(unary.operator, value.kind().isNumber(), "a number");
        return value.kind() == Kind.REAL
                ? new Typed(Kind.REAL, inputs -> step.of(inputs) instanceof Double number ? (Object) (-number) : null)
                : new Typed(
                        Kind.INTEGER,
                        inputs -> step.of(inputs) instanceof Long number && number != Long.MIN_VALUE
                                ? (Object) (-number)
                                : null);
    }

    @Override
    public Typed visitArithmetic(FeatureExpressionParser.ArithmeticContext arithmetic) {
        Typed left = visit(arithmetic.left);
        Typed right = visit(arithmetic.right);
        require(arithmetic.operator, left.kind().isNumber() && right.kind().isNumber(), "two numbers");
        char operator = arithmetic.operator.getText().charAt(0);
        boolean whole = left.kind() == Kind.INTEGER && right.kind() == Kind.INTEGER && operator != '/';
        if (whole) {
            Step a = left.step();
            Step b = right.step();
            return new Typed(
                    Kind.INTEGER,
                    inputs -> a.of(inputs) instanceof Long x && b.of(inputs) instanceof Long y
                            ? wholeResult(operator, x, y)
                            : null);
        }
        Step a = left.asReal().step();
        Step b = right.asReal().step();
        return new Typed(
                Kind.REAL,
                inputs -> a.of(inputs) instanceof Double x && b.of(inputs) instanceof Double y
                        ? realResult(operator, x, y)
                        : null);
    }

    @Override
    public Typed visitComparison(FeatureExpressionParser.ComparisonContext comparison) {
        return compared(comparison.operator, visit(comparison.left), visit(comparison.right));
    }

    @Override
    public Typed visitEquality(FeatureExpressionParser.EqualityContext equality) {
        return compared(equality.operator, visit(equality.left), visit(equality.right));
    }

    @Override
    public Typed visitConjunction(FeatureExpressionParser.ConjunctionContext conjunction) {
        Step[] sides = conditions(conjunction.operator, visit(conjunction.left), visit(conjunction.right));
        return new Typed(
                Kind.FLAG,
                inputs -> sides[0].of(inputs) instanceof Boolean a && sides[1].of(inputs) instanceof Boolean b
                        ? (Object) (a && b)
                        : null);
    }

    @Override
    public Typed visitDisjunction(FeatureExpressionParser.DisjunctionContext disjunction) {
        Step[] sides = conditions(disjunction.operator, visit(disjunction.left), visit(disjunction.right));
        return new Typed(
                Kind.FLAG,
                inputs -> sides[0].of(inputs) instanceof Boolean a && sides[1].of(inputs) instanceof Boolean b
                        ? (Object) (a || b)
                        : null);
    }

    private static Typed compared(Token operator, Typed left, Typed right) {
        boolean numbers = left.kind().isNumber() && right.kind().isNumber();
        boolean alike = left.kind() == right.kind() && left.kind() != Kind.BYTES && left.kind() != Kind.NOTHING;
        require(operator, numbers || alike, "two values of one kind");
        boolean mixed = left.kind() != right.kind();
        Step a = (mixed ? left.asReal() : left).step();
        Step b = (mixed ? right.asReal() : right).step();
        String sign = operator.getText();
        return new Typed(Kind.FLAG, inputs -> {
            Object x = a.of(inputs);
            Object y = b.of(inputs);
            return x == null || y == null ? null : (Object) holds(sign, order(x, y));
        });
    }

    @SuppressWarnings("unchecked") // both are of the same comparable class
    private static int order(Object x, Object y) {
        return ((Comparable<Object>) x).compareTo(y);
    }

    private static boolean holds(String sign, int order) {
        return switch (sign) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            case "==" -> order == 0;
            default -> order != 0;
        };
    }

    private static Step[] conditions(Token operator, Typed left, Typed right) {
        require(operator, left.kind().fits(Kind.FLAG) && right.kind().fits(Kind.FLAG), "two conditions");
        return new Step[] {left.step(), right.step()};
    }

    private static @Nullable Object wholeResult(char operator, long x, long y) {
        try {
            return switch (operator) {
                case '+' -> (Object) Math.addExact(x, y);
                case '-' -> Math.subtractExact(x, y);
                case '*' -> Math.multiplyExact(x, y);
                default -> y == 0 ? null : (Object) Math.floorMod(x, y);
            };
        } catch (ArithmeticException overflow) {
            return null;
        }
    }

    private static @Nullable Object realResult(char operator, double x, double y) {
        return Functions.finite(
                switch (operator) {
                    case '+' -> x + y;
                    case '-' -> x - y;
                    case '*' -> x * y;
                    case '/' -> x / y;
                    default -> x - y * Math.floor(x / y);
                });
    }

    private static Typed called(
            ParserRuleContext place, String name, Functions.Function function, List<Typed> arguments) {
        try {
            return function.call(arguments);
        } catch (Functions.WrongArguments wrong) {
            throw new ExpressionProblem(column(place.getStart()), "'" + name + "' needs " + wrong.getMessage());
        }
    }

    private static Typed constant(Kind kind, @Nullable Object value) {
        return new Typed(kind, inputs -> value, value);
    }

    private static Long whole(Token token) {
        try {
            return Long.valueOf(token.getText());
        } catch (NumberFormatException tooLarge) {
            throw new ExpressionProblem(column(token), token.getText() + " is too large");
        }
    }

    private static @Nullable Object widened(@Nullable Object value) {
        if (value instanceof Integer number) {
            return number.longValue();
        }
        return value instanceof Float number ? (Object) number.doubleValue() : value;
    }

    private static void require(Token operator, boolean held, String wanted) {
        if (!held) {
            throw new ExpressionProblem(column(operator), "'" + operator.getText() + "' needs " + wanted);
        }
    }

    private static int column(Token token) {
        return token.getCharPositionInLine() + 1;
    }
}
