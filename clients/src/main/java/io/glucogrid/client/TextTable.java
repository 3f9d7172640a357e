package io.glucogrid.client;

import java.util.ArrayList;
import java.util.List;

/** Aligned text columns for people: numbers to the right, everything else to the left. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    public TextTable(List<String> header) {
        this.header = List.copyOf(header);
    }

    /** Adds a row; a missing cell is shown empty. */
    public TextTable row(List<String> cells) {
        rows.add(List.copyOf(cells));
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The lines, each ended by a line feed, none with blanks at its end. */
    public String render() {
        StringBuilder text = new StringBuilder();
        line(text, header);
        for (List<String> row : rows) {
            line(text, row);
        }
        return text.toString();
    }

    private void line(StringBuilder text, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < header.size(); column++) {
            String cell = cell(cells, column);
            String blanks = " ".repeat(width(column) - cell.codePointCount(0, cell.length()));
            line.append(column == 0 ? "" : GAP);
            line.append(isNumeric(column) ? blanks + cell : cell + blanks);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        int width = header.get(column).length();
        for (List<String> row : rows) {
            String cell = cell(row, column);
            width = Math.max(width, cell.codePointCount(0, cell.length()));
        }
        return width;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream()
                        .map(row -> cell(row, column))
                        .allMatch(cell -> cell.isEmpty()
                                || cell.equals("-")
                                || cell.matches("[-+]?[0-9][0-9.,]*( ?[a-zA-Z%]{1,2})?"));
    }

    private static String cell(List<String> row, int column) {
        return column < row.size() ? row.get(column) : "";
    }
}
