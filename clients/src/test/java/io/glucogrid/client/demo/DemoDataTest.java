package io.glucogrid.client.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoDataTest {
    @Test
    void theLoadersReportIsSaidInOneLine() {
        assertThat(
                        DemoData.summary(
                                "{\"files\":[{\"rows\":59995,\"kept\":59831,\"repaired\":0,\"dropped\":164,\"reasons\":{\"stray\":164}}]}"))
                .isEqualTo(": 59995 rows, 59831 kept, 0 repaired, 164 dropped, stray 164");
    }

    @Test
    void aReportOfAnotherFormIsNotShown() {
        assertThat(DemoData.summary("{\"cut of")).isEmpty();
        assertThat(DemoData.summary("{}")).isEmpty();
    }
}
