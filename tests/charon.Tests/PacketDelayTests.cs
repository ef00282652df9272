// send_delay and receive_delay: which messages are held back.
namespace Cygnet.Charon.Tests;

public sealed class PacketDelayTests
{
    const byte Init = 34, Auth = 35;

    static byte[] Header(byte exchange, bool isResponse)
    {
        var header = new byte[28];
        (header[18], header[19]) = (exchange, isResponse ? (byte)0x20 : (byte)0x08);
        return header;
    }

    [Theory]
    [InlineData(0, true, true, Init, true, true)]
    [InlineData(Auth, true, true, Init, false, false)]
    [InlineData(Auth, true, true, Auth, false, true)]
    [InlineData(0, false, true, Auth, false, false)]
    [InlineData(0, false, true, Auth, true, true)]
    [InlineData(0, true, false, Auth, true, false)]
    public void MessagesAreHeldBackByTypeAndDirection(int type, bool requests, bool responses, byte exchange, bool isResponse, bool isHeld) =>
        Assert.Equal(isHeld, new PacketDelay(TimeSpan.FromMilliseconds(5), type, requests, responses).Concerns(Header(exchange, isResponse)));

    [Fact]
    public void ShortOnesAreNone() => Assert.False(new PacketDelay(TimeSpan.FromMilliseconds(5), 0, true, true).Concerns(new byte[19]));
}
