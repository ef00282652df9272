// The replay window against a model that remembers everything. RFC 4303 3.4.3, A2.
using Cygnet.Esp;

namespace Cygnet.Tests.Esp;

public sealed class ReplayWindowTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(32, false)]
    [InlineData(63, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(128, true)]
    [InlineData(1000, true)]
    [InlineData(8192, true)]
    public void AcceptsExactlyWhatTheModelAccepts(int size, bool extended)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed * 1000 + size);
            var window = new ReplayWindow(size, extended);
            var seen = new HashSet<ulong>();
            var top = 0ul;
            // Starts near a wrap of the lower half, so that extension is exercised as well.
            var at = extended ? (1ul << 32) - 2000 : 1ul;
            if (extended) Prime(window, seen, at, ref top);
            for (var i = 0; i < 3000; i++)
            {
                var jump = random.Next(20) switch { 0 => random.Next(3 * size + 100), 1 => size, 2 => size - 1, 3 => 64, _ => random.Next(1, 4) };
                var sequence = random.Next(2) == 0 ? top + (ulong)jump : top - Math.Min(top, (ulong)random.Next(2 * size + 2));
                if (!extended && sequence > uint.MaxValue) continue;
                // Whoever sends an older number than the window holds is read as being in the next cycle, and fails to authenticate.
                if (extended && top >= (ulong)size && sequence + (ulong)size <= top) continue;
                var expected = sequence != 0 && (sequence > top || (top - sequence < (ulong)size && !seen.Contains(sequence)));
                var isFresh = window.Check((uint)sequence, out var whole);
                Assert.Equal(expected, isFresh);
                if (extended && expected) Assert.Equal(sequence, whole);
                // Some are checked and then fail to authenticate: they must leave no trace.
                if (!isFresh || random.Next(4) == 0) continue;
                Assert.True(window.Accept(whole, out var isNewest));
                Assert.Equal(sequence > top, isNewest);
                Assert.False(window.Accept(whole, out _));
                seen.Add(sequence);
                top = Math.Max(top, sequence);
                Assert.Equal(top, window.Top);
            }
        }

        static void Prime(ReplayWindow window, HashSet<ulong> seen, ulong at, ref ulong top)
        {
            Assert.True(window.Accept(at, out _));
            seen.Add(at);
            top = at;
        }
    }

    [Fact]
    public void WindowOfZeroAcceptsAnythingTwice()
    {
        var window = new ReplayWindow(0, false);
        foreach (var sequence in new uint[] { 5, 5, 1, 4_000_000_000, 1 })
        {
            Assert.True(window.Check(sequence, out var whole));
            Assert.True(window.Accept(whole, out _));
        }
    }

    [Fact]
    public void ZeroIsNobodysNumber()
    {
        Assert.False(new ReplayWindow(32, false).Check(0, out _));
        Assert.False(new ReplayWindow(32, true).Check(0, out _));
    }

    [Fact]
    public void NumbersBeforeTheFirstCycleAreRefused() => Assert.False(new ReplayWindow(32, true).Check(uint.MaxValue - 3, out _));

    [Theory]
    [InlineData(0xffff_fff0ul, 0xffff_ffffu, 0xffff_ffffuL)]
    [InlineData(0xffff_fff0ul, 0x0000_0003u, 0x1_0000_0003ul)]
    [InlineData(0x1_0000_0003ul, 0xffff_fff8u, 0xffff_fff8ul)]
    [InlineData(0x1_0000_0003ul, 0x0000_0004u, 0x1_0000_0004ul)]
    [InlineData(0x7_0000_0100ul, 0x0000_0000u, 0x8_0000_0000ul)]
    public void TheUpperHalfIsTheOneNearTheWindow(ulong top, uint sent, ulong expected)
    {
        var window = new ReplayWindow(64, true);
        Assert.True(window.Accept(top, out _));
        Assert.True(window.Check(sent, out var whole));
        Assert.Equal(expected, whole);
    }
}
