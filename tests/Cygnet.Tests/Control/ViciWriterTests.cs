// Messages that are written straight into their encoding, against the same ones as objects.
using Cygnet.Control;

namespace Cygnet.Tests.Control;

public sealed class ViciWriterTests
{
    [Fact]
    public void WritesWhatTheObjectsEncodeTo()
    {
        var message = new ViciSection().Add("text", "a b").Add("utf8", "naïve").Add("none", (string?)null).Add("number", -12).Add("least", long.MinValue)
            .Add("most", ulong.MaxValue).Add("yes", true).AddList("list", ["a", "", "ccc"]).AddList("empty", Array.Empty<string>()).AddList("raw", [new byte[] { 0, 255 }, []]);
        message.AddSection("outer").AddSection("inner").Add("k", "v");
        message.Add("behind", false);
        var writer = new ViciWriter();
        // What an earlier use has left does not show.
        writer.Begin("earlier").Add(new string('x', 300), "").Clear();
        writer.Add("text", "a b").Add("utf8", "naïve").Add("none", (string?)null).Add("number", -12).Add("least", long.MinValue)
            .Add("most", ulong.MaxValue).Add("yes", true).AddList("list", "a", "", "ccc").AddList("empty").AddList("raw", (IEnumerable<byte[]>)[[0, 255], []])
            .Begin("outer").Begin("inner").Add("k", "v").End().End().Add("behind", false);
        Assert.Null(writer.Failure);
        Assert.Equal(Vici.Encode(message, out _), writer.Written.ToArray());
        Assert.Equal(ViciPacket.Event("e", message).ToSegment(out _), ViciPacket.EventSegment("e", writer, out _));
    }

    [Fact]
    public void GrowsWithWhatIsWritten()
    {
        var (writer, message) = (new ViciWriter(), new ViciSection());
        for (var i = 1; i < 3000; i += 7)
        {
            writer.Add("k", new string('é', i)).AddList("l", (IEnumerable<byte[]>)[new byte[i]]);
            message.Add("k", new string('é', i)).AddList("l", [new byte[i]]);
        }
        Assert.Equal(Vici.Encode(message, out _), writer.Written.ToArray());
        Assert.Null(ViciPacket.EventSegment("e", writer, out var reason));
        Assert.Contains("exceeds the limit of 524288", reason);
    }

    [Fact]
    public void WhatTheProtocolCannotCarryIsAFailure()
    {
        Assert.Equal("'a\n' cannot be the name of an element", Failure(w => w.Add("a\n", "v")));
        Assert.Equal("'\u00e9' cannot be the name of an element", Failure(w => w.Begin("\u00e9")));
        Assert.Contains("cannot be the name", Failure(w => w.AddList(new string('n', 256))));
        Assert.Null(Failure(w => w.AddList(new string('n', 255))));
        Assert.Equal("value of 'k' has 65536 bytes, at most 65535 are possible", Failure(w => w.Add("k", new string('v', 65536))));
        Assert.Equal("value of 'l' has 65536 bytes, at most 65535 are possible", Failure(w => w.AddList("l", (IEnumerable<byte[]>)[new byte[65536]])));
        Assert.Null(Failure(w => w.Add("k", new string('v', 65535))));

        static string? Failure(Action<ViciWriter> write)
        {
            var writer = new ViciWriter();
            write(writer);
            Assert.Equal(writer.Failure is null, ViciPacket.EventSegment("e", writer, out var reason) is not null);
            Assert.Equal(writer.Failure, reason);
            return writer.Failure;
        }
    }
}
