// Counting rekeyings from outside: every SPI that a gateway ever lists is one SA.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>Notes the SAs that a gateway shows over time.</summary>
sealed class RekeyWatch(Gateway gateway)
{
    readonly HashSet<string> ike = [], children = [];

    public int IkeRekeyings => ike.Count - 1;

    public int ChildRekeyings => children.Count - 1;

    public void Look()
    {
        var now = gateway.Sas();
        foreach (var sa in now.Ike)
            if (sa is { State: "ESTABLISHED", Spis.Length: > 0 })
                ike.Add(sa.Spis);
        foreach (var sa in now.Children)
            if (sa.State == "INSTALLED")
                children.Add(sa.SpiIn);
    }

    public void ShouldHaveSeen(int rekeyings)
    {
        if (IkeRekeyings < rekeyings || ChildRekeyings < rekeyings)
            throw new BedFailure($"{gateway.Name} shows {IkeRekeyings} rekeyings of the IKE SA and {ChildRekeyings} of the child; {rekeyings} of each were expected");
    }
}
