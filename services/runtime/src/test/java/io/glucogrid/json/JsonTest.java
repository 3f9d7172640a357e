package io.glucogrid.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Object parse(String text) throws MalformedJson {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void numbersKeepTheirKind() throws Exception {
        assertThat(parse("[1, 9223372036854775808, 1.50, true, null]"))
                .isEqualTo(java.util.Arrays.asList(
                        1L, new BigInteger("9223372036854775808"), new BigDecimal("1.50"), true, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "{\"a\":}", "[1,]", "1 2", "NaN", "{a:1}", "\"\\ud800\"", "\"\\udc00x\"", "'a'", "01"})
    void whatIsNoJsonIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedJson.class);
    }

    @Test
    void aReasonSaysNothingOfTheParser() {
        for (String text : List.of("[[[", "{\"a\":\"b", "{\"a\" 1}", "[1 2]", "nul")) {
            assertThatThrownBy(() -> parse(text))
                    .isInstanceOfSatisfying(MalformedJson.class, malformed -> assertThat(malformed.reason())
                            .doesNotContain("Source", "REDACTED", "StreamReadFeature"));
        }
    }

    @Test
    void pairedSurrogatesSurvive() throws Exception {
        Object parsed = parse("\"\\ud83d\\ude00\"");

        assertThat(Json.text(parsed)).isEqualTo("\"😀\"");
    }

    @Test
    void whatIsNoNumberIsWrittenAsNull() {
        assertThat(Json.text(List.of(Double.NaN, Float.POSITIVE_INFINITY, 1.5f)))
                .isEqualTo("[null,null,1.5]");
    }

    @Property
    void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
        try {
            assertThat(Json.write(Json.parse(bytes))).isNotEmpty();
        } catch (MalformedJson refused) {
            assertThat(refused.offset()).isNotNegative();
        }
    }

    @Property
    void whatIsWrittenIsReadBack(@ForAll Map<String, List<Long>> tree) throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(tree.keySet().stream()
                .allMatch(name -> StandardCharsets.UTF_8.newEncoder().canEncode(name)));

        assertThat(Json.parse(Json.write(tree))).isEqualTo(tree);
    }
}
