// A method in one role. RFC 3748 2.2.
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>What methods of both roles have in common; they live from the first request to the end of the conversation.</summary>
abstract class EapMethod(MethodContext context) : IDisposable
{
    protected MethodContext Context { get; } = context;

    public abstract EapType Type { get; }

    /// <summary>It authenticates both sides.</summary>
    public virtual bool IsMutual => false;

    /// <summary>Estimated cost of the next step, microseconds.</summary>
    public virtual int Microseconds => 30;

    /// <summary>What was needed after a step that was Pending is there, as far as it can be had.</summary>
    public virtual MethodStep Resume() => MethodStep.Fail($"{Type} waits for nothing");

    /// <summary>The key, once the method is complete; null if it derives none.</summary>
    public byte[]? Msk { get; protected set; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    protected void Log(string line) => Context.Log(line);
}

/// <summary>The client's side.</summary>
abstract class PeerMethod(MethodContext context) : EapMethod(context)
{
    /// <summary>All has been said and checked that has to be before an EAP-Success may be believed.</summary>
    public abstract bool IsComplete { get; }

    /// <summary>Why we have refused the server already, though it still has to be told so.</summary>
    public virtual string? Refusal => null;

    public abstract MethodStep Process(EapPacket request);
}

/// <summary>The server's side. Identifiers come from the conversation.</summary>
abstract class ServerMethod(MethodContext context) : EapMethod(context)
{
    /// <summary>Whom the method has authenticated, where that is another than the EAP identity.</summary>
    public virtual Identity? Authenticated => null;

    public abstract MethodStep Begin(byte id);

    /// <summary>The next request, if there is one, gets <paramref name="nextId"/>.</summary>
    public abstract MethodStep Process(EapPacket response, byte nextId);
}
