// Ends a thread's wait on a descriptor that nothing else wakes. eventfd(2), poll(2).
namespace Cygnet.Linux.Native;

/// <summary>A waiting thread waits for its descriptor or for this.</summary>
sealed unsafe class StopSignal : IDisposable
{
    const short Readable = 1;
    readonly Descriptor _event = Descriptor.Take(Libc.EventFd(0, OpenFlag.CloseOnExec), "eventfd");
    volatile bool _isSet;

    internal bool IsSet => _isSet;

    internal void Set()
    {
        _isSet = true;
        var one = 1UL;
        _ = Libc.Write(_event.Fd, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Waits until the descriptor is readable (or broken); false if the signal was set.</summary>
    internal bool WaitReadable(int fd)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new() { Fd = fd, Events = Readable };
        entries[1] = new() { Fd = _event.Fd, Events = Readable };
        while (!_isSet)
        {
            if (Libc.Poll(entries, 2, -1) < 0 && Libc.Errno != Errno.EINTR) return false;
            if (entries[0].Returned != 0) return !_isSet;
        }
        return false;
    }

    public void Dispose() => _event.Dispose();
}
