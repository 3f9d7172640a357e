package io.glucogrid.loaders;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Codecs of one open file. Zstandard pages are done whole, with one context for all of them: Parquet's own codec opens a stream
 * for each page, which costs a small segment more than all the rest. Other codecs are Parquet's own. Not thread-safe.
 */
final class PageCodecs implements CompressionCodecFactory {
    private static final int ZSTD_LEVEL = 3;

    private @Nullable Zstd zstd;
    private @Nullable CodecFactory others;

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD ? zstd() : others().getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD ? zstd() : others().getDecompressor(codec);
    }

    private Zstd zstd() {
        Zstd known = zstd;
        if (known == null) {
            known = new Zstd();
            zstd = known;
        }
        return known;
    }

    private CodecFactory others() {
        CodecFactory known = others;
        if (known == null) {
            known = new CodecFactory(new PlainParquetConfiguration(), ParquetProperties.DEFAULT_PAGE_SIZE);
            others = known;
        }
        return known;
    }

    @Override
    public void release() {
        if (zstd != null) {
            zstd.release();
        }
        if (others != null) {
            others.release();
        }
    }

    /** Contexts are native memory: made at first use, given back by {@link #release}. */
    private static final class Zstd implements BytesInputCompressor, BytesInputDecompressor {
        private @Nullable ZstdCompressCtx compressor;
        private @Nullable ZstdDecompressCtx decompressor;

        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            ZstdCompressCtx context = compressor;
            if (context == null) {
                context = new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
                compressor = context;
            }
            return BytesInput.from(context.compress(bytes(page)));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public BytesInput decompress(BytesInput page, int size) throws IOException {
            byte[] whole = new byte[size];
            decompress(bytes(page), whole);
            return BytesInput.from(whole);
        }

        @Override
        public void decompress(ByteBuffer page, int pageSize, ByteBuffer target, int size) throws IOException {
            byte[] bytes = new byte[pageSize];
            page.get(bytes);
            byte[] whole = new byte[size];
            decompress(bytes, whole);
            target.put(whole).flip();
        }

        private static byte[] bytes(BytesInput page) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) page.size());
            page.writeAllTo(bytes);
            return bytes.toByteArray();
        }

        private void decompress(byte[] page, byte[] target) throws IOException {
            ZstdDecompressCtx context = decompressor;
            if (context == null) {
                context = new ZstdDecompressCtx();
                decompressor = context;
            }
            int size;
            try {
                size = target.length == 0 ? 0 : context.decompress(target, page);
            } catch (ZstdException damage) {
                throw new IOException("page cannot be decompressed: " + damage.getMessage(), damage);
            }
            if (size != target.length) {
                throw new IOException("page has " + size + " bytes instead of " + target.length);
            }
        }

        @Override
        public void release() {
            if (compressor != null) {
                compressor.close();
                compressor = null;
            }
            if (decompressor != null) {
                decompressor.close();
                decompressor = null;
            }
        }
    }
}
