// Which words of left= and right= mean this host.
using System.Net;
using Cygnet.Command.Starter;
using Cygnet.Policy;

namespace Cygnet.Command.Tests;

public sealed class OwnAddressesTests
{
    static readonly IPAddress[] s_here = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")];

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("192.0.2.2", false)]
    [InlineData("moon.example", true)]
    [InlineData("MOON.example", true)]
    [InlineData("sun.example", false)]
    [InlineData("nobody.example", false)]
    public void By_address_and_by_name(string word, bool isOwn)
    {
        var asked = 0;
        var own = new OwnAddresses(name =>
        {
            asked++;
            return name.ToLowerInvariant() switch { "moon.example" => [Address.Parse("10.9.9.9"), Address.Parse("192.0.2.1")], "sun.example" => [Address.Parse("192.0.2.2")], _ => [] };
        }, () => s_here);
        Assert.Equal(isOwn, own.Contains(word));
        Assert.Equal(isOwn, own.Contains(word));
        Assert.Equal(word.Contains("example") ? 1 : 0, asked);
    }

    [Fact]
    public void Who_does_not_ask_knows_no_names() => Assert.False(new OwnAddresses(null, () => s_here).Contains("moon.example"));

    /// <summary>A resolver that does not answer is waited for once, whatever number of names there are.</summary>
    [Fact]
    public void A_silent_resolver_is_not_asked_again()
    {
        using var never = new ManualResetEventSlim();
        var asked = 0;
        var own = new OwnAddresses(_ =>
        {
            Interlocked.Increment(ref asked);
            never.Wait();
            return [];
        }, () => s_here);
        for (var i = 0; i < 100; i++) Assert.False(own.Contains($"host{i}.example"));
        Assert.Equal(1, asked);
        Assert.True(own.Contains("192.0.2.1"));
        never.Set();
    }
}
