// What a data plane does not carry, in words for the operator.
namespace Cygnet.Esp;

/// <summary>The setting that the plane has no use for, and what to write instead.</summary>
public sealed record PlaneRefusal(string Reason, string Change)
{
    public override string ToString() => $"{Reason}; {Change}";
}
