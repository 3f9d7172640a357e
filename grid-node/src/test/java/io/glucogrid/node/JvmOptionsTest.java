package io.glucogrid.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

class JvmOptionsTest {
    @Test
    void testsRunWithTheShippedFlags() {
        assertThat(XmlDefaults.text(new ClassPathResource("glucogrid/jvm.options"))
                        .lines()
                        .filter(line -> line.startsWith("--add-opens")))
                .containsExactlyElementsOf(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(argument -> argument.startsWith("--add-opens"))
                        .toList());
    }

    @Test
    void aMissingFlagIsFound() {
        assertThat(JvmCheck.missing(java.sql.Date.class.getModule()))
                .contains("--add-opens=java.base/java.nio=ALL-UNNAMED");
    }
}
