package io.glucogrid.loaders;

import static org.assertj.core.api.Assertions.assertThat;

import io.glucogrid.feature.ValueType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RowOrderTest {
    @Property(tries = 200)
    void rowsAreSortedAsACoarseAndAFineColumnSay(@ForAll long[] fine, @ForAll byte[] coarse) {
        int rows = Math.min(fine.length, coarse.length);
        long[] first = Arrays.copyOf(fine, rows);
        long[] second = new long[rows];
        Arrays.setAll(second, row -> coarse[row] % 3);

        int[] order = RowOrder.asTheyCame(rows).by(first).by(second).rows();

        int[] expected = IntStream.range(0, rows)
                .boxed()
                .sorted(Comparator.<Integer>comparingLong(row -> second[row]).thenComparingLong(row -> first[row]))
                .mapToInt(row -> row)
                .toArray();
        assertThat(order).isEqualTo(expected);
    }

    @Property(tries = 100)
    void textIsSortedAsItsUtf8Bytes(@ForAll String[] texts) {
        Column column = new Column(ValueType.STRING, texts.length);
        for (String text : texts) {
            column.addObject(text);
        }
        int[] order = RowOrder.asTheyCame(texts.length).by(column).rows();
        for (int i = 1; i < order.length; i++) {
            int compared = Column.compareText(texts[order[i - 1]], texts[order[i]]);
            assertThat(compared < 0 || (compared == 0 && order[i - 1] < order[i]))
                    .isTrue();
        }
    }
}
