// Fragments of TLS in EAP: flags, lengths, acknowledgements, limits. RFC 5216 2.1.5.
using Cygnet.Eap;
using Cygnet.Eap.Tls;

namespace Cygnet.Tests.Eap;

public sealed class TlsFramingTests
{
    static TlsFraming Server(int fragment = 1024, bool length = true) => new(EapType.Ttls, new() { FragmentSize = fragment, IncludeLength = length, MaxMessageCount = 0 }, isServer: true);

    static TlsFrame Receive(TlsFraming framing, params byte[] data) => framing.Receive(data, out _);

    [Fact]
    public void A_client_wants_a_start_first_and_only_once()
    {
        var client = new TlsFraming(EapType.Tls, new(), isServer: false);
        Assert.Equal(TlsFrame.Malformed, Receive(new(EapType.Tls, new(), isServer: false), 0, 1));
        Assert.Equal(TlsFrame.Malformed, Receive(new(EapType.Tls, new(), isServer: false), 0));
        Assert.Equal(TlsFrame.Start, Receive(client, 0x20));
        Assert.Equal(TlsFrame.Malformed, Receive(client, 0x20));
        // A server that speaks a higher version of PEAP begins with it; the answer says 0.
        Assert.Equal(TlsFrame.Start, Receive(new(EapType.Peap, new(), isServer: false), 0x21, 1, 2, 3));
        Assert.Equal(TlsFrame.Malformed, Receive(Server(), 0x20));
    }

    [Fact]
    public void Pieces_become_a_flight()
    {
        var framing = Server();
        Assert.Equal(TlsFrame.Piece, Receive(framing, 0xc0, 0, 0, 0, 5, 1, 2));
        Assert.Equal(TlsFrame.Piece, Receive(framing, 0xc0, 0, 0, 0, 5, 3, 4));
        Assert.Equal(TlsFrame.Message, Receive(framing, 0x00, 5));
        Assert.Equal([1, 2, 3, 4, 5], framing.Flight);
        Assert.Equal(TlsFrame.Message, Receive(framing, 0x00, 9));
        Assert.Equal([9], framing.Flight);
        Assert.Equal(TlsFrame.Message, Receive(framing, 0x80, 0, 0, 0, 2, 7, 8));
        // Without any length at all.
        Assert.Equal(TlsFrame.Piece, Receive(framing, 0x40, 1));
        Assert.Equal(TlsFrame.Message, Receive(framing, 0x00, 2));
        Assert.Equal(TlsFrame.Acknowledgement, Receive(framing, 0x00));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x80, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 3, 1, 2 })]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 1, 1, 2 })]
    [InlineData(new byte[] { 0xc0, 0, 0, 0, 1, 1, 2 })]
    [InlineData(new byte[] { 0xc0, 0, 1, 0, 1, 1, 2 })]
    [InlineData(new byte[] { 0xc0, 0xff, 0xff, 0xff, 0xff, 1, 2 })]
    [InlineData(new byte[] { 0xc0, 0, 0, 0, 9 })]
    [InlineData(new byte[] { 0x40 })]
    [InlineData(new byte[] { 0x01, 1 })]
    [InlineData(new byte[] { 0x07, 1 })]
    public void What_does_not_fit_is_refused_with_a_reason(byte[] data)
    {
        Assert.Equal(TlsFrame.Malformed, Server().Receive(data, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void A_length_may_not_change_nor_be_passed_nor_missed()
    {
        byte[] begin = [0xc0, 0, 0, 0, 4, 1, 2];
        foreach (byte[] next in (byte[][])[[0xc0, 0, 0, 0, 5, 3], [0x00, 3, 4, 5], [0x00, 3], [0x40], [0x00]])
        {
            var framing = Server();
            Assert.Equal(TlsFrame.Piece, Receive(framing, begin));
            Assert.Equal(TlsFrame.Malformed, Receive(framing, next));
        }
    }

    [Fact]
    public void Nobody_can_make_us_collect_without_end()
    {
        var framing = Server();
        byte[] piece = [0x40, .. new byte[1000]];
        for (var i = 0; i < 65; i++) Assert.Equal(TlsFrame.Piece, Receive(framing, piece));
        Assert.Equal(TlsFrame.Malformed, Receive(framing, piece));
    }

    [Fact]
    public void Data_while_ours_is_not_all_sent_is_refused()
    {
        var framing = Server(100);
        framing.Send(new byte[200]);
        Assert.True(framing.HasMore);
        Assert.Equal(TlsFrame.Malformed, Receive(framing, 0, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_sent_comes_together_again_at_any_size(bool includeLength)
    {
        for (var size = 1; size < 1200; size = size * 5 / 4 + 1)
        {
            foreach (var fragment in (int[])[100, 101, 128, 1024])
            {
                byte[] flight = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
                var (sender, receiver) = (Server(fragment, includeLength), Server(fragment));
                var data = sender.Send(flight);
                while (sender.HasMore)
                {
                    Assert.True(5 + data.Length <= fragment);
                    Assert.Equal(TlsFrame.Piece, Receive(receiver, data));
                    Assert.Equal(TlsFrame.Acknowledgement, Receive(sender, TlsFraming.AcknowledgementData));
                    data = sender.Next();
                }
                Assert.Equal(TlsFrame.Message, Receive(receiver, data));
                Assert.Equal(flight, receiver.Flight);
            }
        }
    }
}
