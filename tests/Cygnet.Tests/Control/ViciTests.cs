// The VICI codec against the protocol's own example, its malformed-input rules, and mutations.
using Cygnet.Control;

namespace Cygnet.Tests.Control;

public sealed class ViciTests
{
    static readonly byte[] Example =
    [
        3, 1, (byte)'k', 0, 1, (byte)'v', 1, 1, (byte)'s', 4, 1, (byte)'l', 5, 0, 1, (byte)'a', 5, 0, 1, (byte)'b', 6, 2,
    ];

    static ViciSection ExampleMessage()
    {
        var m = new ViciSection().Add("k", "v");
        m.AddSection("s").AddList("l", ["a", "b"]);
        return m;
    }

    [Fact]
    public void EncodesTheExampleOfTheProtocol()
    {
        var segment = ViciPacket.Request("get-x", ExampleMessage()).ToSegment(out _)!;
        byte[] expected = [0, 0, 0, 29, 0, 5, .. "get-x"u8, .. Example];
        Assert.Equal(expected, segment);
    }

    [Fact]
    public void DecodesTheExampleOfTheProtocol()
    {
        Assert.True(ViciPacket.TryParse([1, .. Example], out var p));
        Assert.Equal(ViciPacketType.CommandResponse, p.Type);
        Assert.False(p.Malformed);
        Assert.Equal("v", p.Message.Text("k"));
        Assert.Equal(["a", "b"], p.Message.Section("s")!.List("l"));
    }

    [Fact]
    public void KeepsOrderDuplicatesEmptyNamesAndBinaryValues()
    {
        var m = new ViciSection().Add("a", "1").Add("a", "2").Add("", "x").Add("bin", new byte[] { 0, 255, 7 });
        m.AddList("none", Array.Empty<string>());
        m.AddSection("");
        Assert.True(ViciPacket.TryParse(ViciPacket.Event("log", m).ToSegment(out _).AsSpan(4), out var p));
        Assert.Equal("log", p.Name);
        Assert.Equal(["a", "a", "", "bin", "none", ""], p.Message.Elements.Select(e => e.Name));
        Assert.Equal("1", p.Message.Text("a"));
        Assert.Equal(new byte[] { 0, 255, 7 }, p.Message.Bytes("bin"));
        Assert.Null(p.Message.Text("bin"));
        Assert.Empty(p.Message.List("none"));
        Assert.True(p.Message.Has("none"));
    }

    [Theory]
    [InlineData(new byte[] { 9 })]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 3, 5, 65 })]
    [InlineData(new byte[] { 3, 1, 10, 0, 0 })]
    [InlineData(new byte[] { 3, 1, 65, 0, 9, 1 })]
    [InlineData(new byte[] { 3, 1, 65, 0 })]
    [InlineData(new byte[] { 5, 0, 0 })]
    [InlineData(new byte[] { 6 })]
    [InlineData(new byte[] { 2 })]
    [InlineData(new byte[] { 4, 1, 65, 3, 1, 65, 0, 0 })]
    [InlineData(new byte[] { 1, 1, 65, 7 })]
    public void AnErrorKeepsWhatPrecededIt(byte[] rest)
    {
        Assert.True(ViciPacket.TryParse([1, 3, 1, (byte)'k', 0, 1, (byte)'v', .. rest], out var p));
        Assert.True(p.Malformed);
        Assert.Equal("v", p.Message.Text("k"));
    }

    [Fact]
    public void OpenSectionsAndTypeSevenAtTheRootAreAccepted()
    {
        Assert.True(ViciPacket.TryParse([1, 1, 1, 65, 4, 1, 66, 5, 0, 0], out var open));
        Assert.False(open.Malformed);
        Assert.Single(open.Message.Section("A")!.List("B"));
        Assert.True(ViciPacket.TryParse([1, 7, 99, 99], out var end));
        Assert.False(end.Malformed);
        Assert.Empty(end.Message.Elements);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 8 })]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0, 3, 65 })]
    [InlineData(new byte[] { 3, 1, 200 })]
    public void BrokenPacketsAreRefused(byte[] body) => Assert.False(ViciPacket.TryParse(body, out _));

    [Fact]
    public void DeepNestingDoesNotExhaustTheStack()
    {
        var body = new byte[1 + 3 * 170_000];
        body[0] = 1;
        for (var i = 1; i < body.Length; i += 3) (body[i], body[i + 1], body[i + 2]) = (1, 1, 65);
        Assert.True(ViciPacket.TryParse(body, out var p));
        Assert.False(p.Malformed);
    }

    [Fact]
    public void WhatTheProtocolCannotCarryIsSaid()
    {
        Assert.Null(ViciPacket.Response(new ViciSection().Add("big", new byte[65536])).ToSegment(out var reason));
        Assert.Equal("value of 'big' has 65536 bytes, at most 65535 are possible", reason);
        var many = new ViciSection();
        for (var i = 0; i < 9; i++) many.Add("x", new byte[65000]);
        Assert.Null(ViciPacket.Response(many).ToSegment(out reason));
        Assert.Contains("exceeds the limit of 524288", reason);
        Assert.Null(ViciPacket.Response(new ViciSection().Add("a\nb", "")).ToSegment(out _));
        Assert.Null(ViciPacket.Response(new ViciSection().Add(new string('n', 256), "")).ToSegment(out _));
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("0x1F", 31)]
    [InlineData("010", 8)]
    [InlineData("-5", -5)]
    [InlineData("0", 0)]
    [InlineData("08", -99)]
    [InlineData("12x", -99)]
    [InlineData("", -99)]
    [InlineData("99999999999999999999", -99)]
    public void NumbersAreReadAsStrtolDoes(string text, long expected) => Assert.Equal(expected, new ViciSection().Add("n", text).Number("n", -99));

    [Theory]
    [InlineData("YES", true)]
    [InlineData("enabled", true)]
    [InlineData("0", false)]
    [InlineData("maybe", true)]
    public void BooleansFallBackToTheDefault(string text, bool expected) => Assert.Equal(expected, new ViciSection().Add("b", text).Boolean("b", true));

    [Fact]
    public void MutationsNeverThrow()
    {
        var random = new Random(1);
        byte[] seed = [0, 1, (byte)'c', .. Example];
        for (var i = 0; i < 100_000; i++)
        {
            var body = seed.AsSpan(0, random.Next(seed.Length + 1)).ToArray();
            for (var n = random.Next(4); n > 0 && body.Length > 0; n--) body[random.Next(body.Length)] = (byte)random.Next(256);
            ViciPacket.TryParse(body, out _);
        }
    }
}
