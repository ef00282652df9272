// What is shown while something takes long: to a terminal, and to nobody else.
using Cygnet.Command.Text;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed class WaitingLineTests
{
    static Surroundings World(StringWriter error, bool isTerminal) =>
        new(Paths.Of("/usr/libexec/ipsec", _ => null), TextWriter.Null, error) { Connect = () => new CannedVici(), IsTerminal = () => isTerminal };

    [Fact]
    public void ATerminalIsToldAndLeftClean()
    {
        var error = new StringWriter();
        using (var progress = new WaitingLine(World(error, isTerminal: true), "waiting"))
        {
            for (var i = 0; i < 3000 && error.ToString().Length == 0; i++, Thread.Sleep(20)) progress.Show();
            Assert.Matches("^\r  waiting, [0-9]+ s$", error.ToString());
        }
        Assert.EndsWith(" s\r\e[K", error.ToString());
    }

    [Fact]
    public void AScriptSeesNothing()
    {
        var error = new StringWriter();
        using (var progress = new WaitingLine(World(error, isTerminal: false), "waiting"))
            for (var i = 0; i < 60; i++, Thread.Sleep(20)) progress.Show();
        Assert.Equal("", error.ToString());
    }
}
