package io.glucogrid.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void numbersStandToTheRightAndTextToTheLeft() {
        String text = new TextTable(List.of("name", "ms", "note"))
                .row(List.of("a", "1.25", "fast"))
                .row(List.of("longer", "-", ""))
                .row(List.of("b", "100.00"))
                .render();

        assertThat(text)
                .isEqualTo(
                        """
                        name        ms  note
                        a         1.25  fast
                        longer       -
                        b       100.00
                        """);
    }

    @Test
    void aTableWithoutRowsIsItsHeader() {
        TextTable table = new TextTable(List.of("a", "b"));

        assertThat(table.isEmpty()).isTrue();
        assertThat(table.render()).isEqualTo("a  b\n");
    }
}
