// Counting rekeyings from outside: every SPI that a gateway ever lists is one SA.
using System.Diagnostics;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>Notes the SAs that a gateway shows over time.</summary>
sealed class RekeyWatch(Gateway gateway)
{
    readonly HashSet<string> ike = [], children = [];
    readonly Stopwatch sinceIke = Stopwatch.StartNew(), sinceChild = Stopwatch.StartNew();

    public int IkeRekeyings => ike.Count - 1;

    public int ChildRekeyings => children.Count - 1;

    public void Look()
    {
        var now = gateway.Sas();
        foreach (var sa in now.Ike)
            if (sa is { State: "ESTABLISHED", Spis.Length: > 0 } && ike.Add(sa.Spis))
                sinceIke.Restart();
        foreach (var sa in now.Children)
            if (sa.State == "INSTALLED" && children.Add(sa.SpiIn))
                sinceChild.Restart();
    }

    /// <summary>Waits until both kinds of SA are fresh, but not just made: strongSwan loses a command that meets a rekeying.</summary>
    public void WaitForQuiet() => Wait.Until("a while without rekeying", () =>
    {
        Look();
        return sinceIke.Elapsed.TotalSeconds is > 1 and < 6 && sinceChild.Elapsed.TotalSeconds is > 1 and < 5;
    }, 40);

    public void ShouldHaveSeen(int rekeyings)
    {
        if (IkeRekeyings < rekeyings || ChildRekeyings < rekeyings)
            throw new BedFailure($"{gateway.Name} shows {IkeRekeyings} rekeyings of the IKE SA and {ChildRekeyings} of the child; {rekeyings} of each were expected");
    }
}
