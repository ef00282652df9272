// ipsec status and statusall against golden texts.
using Cygnet.Command.Commands;
using Cygnet.Control;

namespace Cygnet.Command.Tests;

public sealed class StatusTests
{
    static string Print(CannedVici charon, bool all, string? name = null)
    {
        var text = new StringWriter();
        Status.Print(charon, text, all, name);
        return text.ToString();
    }

    [Fact]
    public void StatusShowsShuntsTrapsAndSas() => Golden.Equal("status.txt", Print(Lab.Charon(Lab.Sas), all: false));

    [Fact]
    public void StatusAllShowsEverything() => Golden.Equal("statusall.txt", Print(Lab.Charon(Lab.Sas), all: true));

    [Fact]
    public void ANameOfAChildShowsItUnderItsIkeSa() => Golden.Equal("statusall-second-child.txt", Print(Lab.Charon(Lab.Sas), all: true, "second-child"));

    [Theory]
    [InlineData(null, "Security Associations (0 up, 0 connecting):\n  none\n")]
    [InlineData("nosuch", "Security Associations (0 up, 0 connecting):\n  no match\n")]
    public void WithoutSas(string? name, string expected) =>
        Assert.Equal(expected, Print(new CannedVici().On("stats", Lab.Stats(0, 0)).On("list-policies", new()).On("list-sas", new()), all: false, name));

    [Theory]
    [InlineData(0, "0 seconds")]
    [InlineData(1, "1 second")]
    [InlineData(120, "120 seconds")]
    [InlineData(121, "2 minutes")]
    [InlineData(7200, "120 minutes")]
    [InlineData(7201, "2 hours")]
    [InlineData(172800, "48 hours")]
    [InlineData(172801, "2 days")]
    [InlineData(-5, "5 seconds")]
    public void SpansOfTime(long seconds, string expected) => Assert.Equal(expected, Delta.Of(seconds));
}
