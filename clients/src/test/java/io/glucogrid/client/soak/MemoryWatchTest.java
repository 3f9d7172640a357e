package io.glucogrid.client.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryWatchTest {
    @Test
    void whatIsUsedOfAHeapIsReadWhateverItsCollector() {
        assertThat(
                        MemoryWatch.usedMb(
                                """
                        4711:
                        Command executed successfully
                         garbage-first heap   total 51200K, used 13072K [0x00000000f3800000, 0x0000000100000000)
                          region size 1024K, 0 young (0K), 0 survivors (0K)
                         Metaspace       used 9167K, committed 9408K, reserved 1114112K
                          class space    used 1094K, committed 1216K, reserved 1048576K
                        """))
                .hasValue(12);
        assertThat(
                        MemoryWatch.usedMb(
                                """
                         def new generation   total 61440K, used 1024K [0x00000000f3800000, 0x00000000f7aa0000)
                          eden space 54656K,   2% used [0x00000000f3800000, 0x00000000f3800000, 0x00000000f6d60000)
                         tenured generation   total 136576K, used 12074K [0x00000000f7aa0000, 0x0000000100000000)
                           the space 136576K,   8% used [0x00000000f7aa0000, 0x00000000f866aa28, 0x00000000f866ac00)
                         Metaspace       used 9175K, committed 9408K, reserved 1114112K
                        """))
                .hasValue(12);
        assertThat(MemoryWatch.usedMb("Unable to open socket file")).isEmpty();
    }
}
